"""How `edgeway model new` makes a model: the steps as processes of their own, and the changes that stay only whole."""
