"""The places of the demo site, one a module; `SCENES` by camera id."""

from custos.simulate.scenes.dock import DOCK
from custos.simulate.scenes.lobby import LOBBY
from custos.simulate.scenes.scene import Scene
from custos.simulate.scenes.shop import SHOP
from custos.simulate.scenes.street import STREET

SCENES: dict[str, Scene] = {scene.camera_id: scene for scene in (STREET, LOBBY, DOCK, SHOP)}
"""In the order in which the console shows them."""
