"""Clients that we did not write, against a stand-in of their own: `make judges`.

Each of these lines stands on those below it:

    __main__            runs the judges that were asked for, and prints the table
    runs                each kind of client as a process: what it needs, how it is started
    az                  the Azure CLI's operations, in Python; Node's and Go's are in `node/` and `go/`
    table, verdicts     counts; a line of a judge held against docs/parity.md
"""
