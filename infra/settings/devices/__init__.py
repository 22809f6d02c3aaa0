"""What a device is asked for: by its layers together, by its processor, and by a machine of the stack that is one."""
