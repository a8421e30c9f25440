/** A still of a camera, renewed while it can be seen: light enough for a strip of many. Until the first one is there,
 * which takes a second or two, words stand in its place: a black picture would look like a camera that is covered. */

import { useEffect, useRef, useState } from "react";
import { getPicture } from "../api/client";
import { snapshotPath } from "../api/queries";
import classes from "./live.module.css";
import { usePageVisible } from "./useLivePlayer";

interface SnapshotPictureProps {
  cameraId: string;
  alt: string;
  every_ms: number;
  className?: string | undefined;
  /** Once a picture came, its size. */
  sized?: (width_px: number, height_px: number) => void;
}

export function SnapshotPicture({ cameraId, alt, every_ms, className, sized }: SnapshotPictureProps) {
  const holder = useRef<HTMLDivElement>(null);
  const inView = useInView(holder);
  const visible = usePageVisible() && inView;
  const [address, setAddress] = useState<string | null>(null);
  const [missed, setMissed] = useState(false);

  useEffect(() => {
    if (!visible) return;
    const stop = new AbortController();
    let timer: number | undefined;
    let pause_ms = every_ms;
    const renew = async () => {
      try {
        const { blob } = await getPicture(snapshotPath(cameraId), stop.signal);
        if (stop.signal.aborted) return;
        setAddress(URL.createObjectURL(blob));
        pause_ms = every_ms * 3;
        timer = window.setTimeout(renew, every_ms);
      } catch {
        // No picture now; the camera's state says why. Ask again, at leisure where there is an earlier one.
        if (stop.signal.aborted) return;
        setMissed(true);
        timer = window.setTimeout(renew, pause_ms);
      }
    };
    void renew();
    return () => {
      stop.abort();
      window.clearTimeout(timer);
    };
  }, [cameraId, every_ms, visible]);

  useEffect(() => {
    if (!address) return;
    return () => URL.revokeObjectURL(address);
  }, [address]);

  return (
    <div ref={holder} className={className}>
      {address ? (
        <img
          src={address}
          alt={alt}
          onLoad={(event) => sized?.(event.currentTarget.naturalWidth, event.currentTarget.naturalHeight)}
        />
      ) : (
        <div className={classes.opening}>{missed ? "No picture yet" : "Opening the picture"}</div>
      )}
    </div>
  );
}

function useInView(element: React.RefObject<HTMLElement | null>): boolean {
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    if (!element.current) return;
    const observer = new IntersectionObserver(([entry]) => setSeen(entry?.isIntersecting ?? false));
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return seen;
}
