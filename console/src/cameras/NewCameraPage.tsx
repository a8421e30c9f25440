import { getRouteApi, Link } from "@tanstack/react-router";
import { usePageTitle } from "../shell/session";
import { Icon } from "../ui/Icon";
import { AddCamera } from "./AddCamera";
import classes from "./cameras.module.css";

const route = getRouteApi("/app/cameras/new");

export function NewCameraPage() {
  const { added } = route.useSearch();
  usePageTitle("Add a camera");
  return (
    <div className={classes.page}>
      <div className={classes.cameraHead}>
        <Link to="/cameras" className={classes.back} aria-label="All cameras">
          <Icon name="back" size={18} />
        </Link>
        <h1>Add a camera</h1>
      </div>
      <AddCamera addedId={added} />
    </div>
  );
}
