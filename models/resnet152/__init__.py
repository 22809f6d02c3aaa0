"""ResNet-152, which says what a picture shows: 1,000 classes of ImageNet (README.md beside this file)."""
