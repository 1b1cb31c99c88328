import subprocess
import sys

# In a process of its own: what is frozen stays frozen.
PROGRAM = """
import gc
from app.runtime import garbage
garbage.pause()
assert not gc.isenabled()
loaded = [[] for _ in range(1000)]
garbage.resume()
assert gc.isenabled()
assert gc.get_freeze_count() > 1000
class Node: pass
import weakref
node = Node()
node.itself = node
seen = weakref.ref(node)
del node
gc.collect()
assert seen() is None
"""


def test_what_was_loaded_is_not_looked_at_again_and_later_cycles_are_freed() -> None:
    subprocess.run([sys.executable, "-c", PROGRAM], check=True)
