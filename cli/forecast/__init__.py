"""What a change of a stack will do, in sentences: of a preview, or of what an `up` has done.

    sentences(read_operations(text))        # the text of `pulumi preview --json`, or the engine's event log

Which devices a change reaches is told by IoT Hub's own rules for layered deployments (`edge.manifest.merge`); what is
away meanwhile, and what is lost for good, by the words of docs/replace.md (`words.toml`). Nothing here asks Azure.
"""
