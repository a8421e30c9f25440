import { type RefObject, useEffect, useState, useSyncExternalStore } from "react";
import { LivePlayer, type LiveView } from "./livePlayer";

/** Whether the person can see this page at all; what is hidden needs no pictures. */
export function usePageVisible(): boolean {
  return useSyncExternalStore(
    (listener) => {
      document.addEventListener("visibilitychange", listener);
      return () => document.removeEventListener("visibilitychange", listener);
    },
    () => !document.hidden,
  );
}

const never = () => () => undefined;

/** A player on these elements while mounted and visible; null in between. */
export function useLivePlayer(
  cameraId: string,
  video: RefObject<HTMLVideoElement | null>,
  canvas: RefObject<HTMLCanvasElement | null>,
): { player: LivePlayer | null; view: LiveView | null } {
  const visible = usePageVisible();
  const [player, setPlayer] = useState<LivePlayer | null>(null);
  useEffect(() => {
    if (!visible || !video.current || !canvas.current) return;
    const made = new LivePlayer(cameraId, video.current, canvas.current);
    setPlayer(made);
    return () => {
      made.stop();
      setPlayer(null);
    };
  }, [cameraId, visible, video, canvas]);
  const view = useSyncExternalStore(player?.subscribe ?? never, () => player?.snapshot() ?? null);
  return { player, view };
}
