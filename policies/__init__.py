"""What every resource of the program must be, as pure functions over its type and inputs.

The tests hold every planned resource to these rules; a Pulumi policy pack can be made of the same ones.
"""
