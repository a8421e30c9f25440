"""A site that does not exist: footage drawn from a script, with exact truth for every frame.

CameraRenderer.frame(index) -> Rendering (picture and truth)      any frame alone, the same for the same seed
render_clip(request, progress)                                     one camera into files, atomically
ensure_demo(directory, seconds=, seed=, progress=) -> DemoSite     the four clips, truth and a site file, cached
"""
