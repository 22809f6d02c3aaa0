"""Recorded answers of Azure as a judge of the stand-in: `python -m tools.recordings FOLDER`.

The recordings are HTTP cassettes of other projects' tests, in YAML as vcrpy or go-vcr write them. Their requests go to
a stand-in in their order, with names, ids and addresses put in its own terms, and each answer is held against the
recorded one. Nothing of a recording is kept. Each of these lines stands on those below it:

    __main__
    report
    azure, replay                   a stand-in of its own; one recording, played to it
    answers                         what differs between two answers
    subject, rewriting, shapes
    cassette
"""
