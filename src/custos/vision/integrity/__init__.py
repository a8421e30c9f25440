"""Whether a camera still sees what it should: `IntegrityWatch`, and one small module for each thing done to a camera.

A check takes a look compared with the learned view (or the stream's own facts) and says what it found, or None;
`watch.py` asks them all, waits until it has lasted, and says what began and what is over.
"""

from custos.vision.integrity.sighting import CameraSighting
from custos.vision.integrity.watch import IntegrityWatch

__all__ = ["CameraSighting", "IntegrityWatch"]
