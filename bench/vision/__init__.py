"""The models that see: what is around the network, and beside the script that their users have today."""
