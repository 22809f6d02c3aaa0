"""What `edgeway doctor` asks for, and what was found."""
