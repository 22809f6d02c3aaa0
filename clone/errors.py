"""What is wrong with this clone: found before any resource exists, told without a traceback.

CloneError
├── TrainingInputsError     training data or code of a model is missing     clone.training_inputs
├── BuildContextError       an image cannot be assembled                    clone.build_context
├── RowsError               a file cannot be replayed                       clone.rows
└── SourceError             a file's syntax is wrong                        clone.syntax
"""

from __future__ import annotations


class CloneError(Exception):
    """Its text names what is missing, and what there is or what to do."""
