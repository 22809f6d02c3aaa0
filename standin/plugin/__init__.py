"""The azure-native plugin of the local stack: azure-native's inputs in, ARM requests out."""
