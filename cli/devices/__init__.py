"""Looking after devices: `machine` is asked, `rotation` changes the key that `key_places` has, `health` judges."""
