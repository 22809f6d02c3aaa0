from __future__ import annotations

from pluginbase.terminal import wrapped

TEXT = "edgeway:edgeRuntime: 1.6.1 loses some MQTT connects of modules (Azure/iotedge#7539); take a patch\n  and more"


def test_a_warning_fits_the_terminal_beside_what_the_engine_puts_before_it() -> None:
    lines = wrapped(TEXT, {"TERMINAL_COLUMNS": "80"}).splitlines()
    assert max(map(len, lines)) <= 80 - len("    warning: ")
    assert " ".join(" ".join(lines).split()) == " ".join(TEXT.split())
    assert lines[-1] == "  and more"


def test_off_a_terminal_a_text_stays_as_it_is() -> None:
    assert (
        wrapped(TEXT, {})
        == wrapped(TEXT, {"TERMINAL_COLUMNS": "wide"})
        == wrapped(TEXT, {"TERMINAL_COLUMNS": "20"})
        == TEXT
    )
