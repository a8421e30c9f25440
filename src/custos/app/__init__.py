"""Where the parts are chosen and put together: the only package that knows every adapter.

supervisor   `custos up`: starts the roles, brings back what dies
server       hub and HTTP API
worker       cameras and the detector
demo_devices the demo's door controller, till and panel
watchman     brings the supervisor back
"""
