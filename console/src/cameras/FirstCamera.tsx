/** What a new site opens with: there is nothing to watch before there is a camera. */

import { useHere, useRights } from "../shell/session";
import { Empty } from "../ui/surfaces";
import { AddCamera } from "./AddCamera";
import classes from "./cameras.module.css";

export function FirstCamera() {
  const { site } = useHere();
  const { administers } = useRights();
  if (!administers) {
    return (
      <Empty title="This site has no camera yet">
        <p>An administrator can add one.</p>
      </Empty>
    );
  }
  return (
    <div className={classes.first}>
      <h1>Connect the first camera of {site.name}</h1>
      <p className="dim">
        Custos reads the stream your camera already offers; nothing is installed on it. As soon as there is a
        picture, draw the zones and lines that matter.
      </p>
      <AddCamera />
    </div>
  );
}
