"""The provider plugin `mledge`: what ARM cannot do. One file a resource type, small service files beside them.

Azure's SDKs are imported inside functions: the plugin starts with every `pulumi` command, and most use none of them.
"""
