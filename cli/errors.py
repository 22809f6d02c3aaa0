"""What ends a command early: one line for the user, and the exit code that scripts read.

    Refused        2    the command line or a file is wrong; nothing was done
    Failed         1    it was tried and did not work out
    Unreached      3    a service did not answer in time

0 is success, 130 a Ctrl-C.
"""

from __future__ import annotations


class CliError(Exception):
    exit_code = 1


class Failed(CliError):
    exit_code = 1


class Refused(CliError):
    exit_code = 2


class Unreached(CliError):
    exit_code = 3
