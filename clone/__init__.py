"""What lies in a clone of this project, and how it is digested. Knows `contracts` only."""
