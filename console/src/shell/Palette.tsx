/** Ctrl+K: go to any page, camera or open incident by typing a few letters of its name. */

import { Modal, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, useEffect, useMemo, useState } from "react";
import { doorsQuery, namedCamerasQuery } from "../api/queries";
import { Icon, type IconName } from "../ui/Icon";
import classes from "./shell.module.css";

interface Place {
  icon: IconName;
  name: string;
  kind: string;
  go: () => void;
}

function usePlaces(enabled: boolean): Place[] {
  const navigate = useNavigate();
  const { data: cameras = [] } = useQuery({ ...namedCamerasQuery, enabled });
  const { data: doors = [] } = useQuery({ ...doorsQuery, enabled, refetchInterval: false });
  return useMemo(() => {
    const pages: Place[] = [
      { icon: "live", name: "Live", kind: "Page", go: () => void navigate({ to: "/live" }) },
      { icon: "incidents", name: "Incidents", kind: "Page", go: () => void navigate({ to: "/incidents" }) },
      { icon: "events", name: "Events", kind: "Page", go: () => void navigate({ to: "/events" }) },
      { icon: "cameras", name: "Cameras", kind: "Page", go: () => void navigate({ to: "/cameras" }) },
      { icon: "map", name: "Map", kind: "Page", go: () => void navigate({ to: "/map" }) },
      { icon: "doors", name: "Doors", kind: "Page", go: () => void navigate({ to: "/doors" }) },
      { icon: "holders", name: "Holders", kind: "Page", go: () => void navigate({ to: "/holders" }) },
      { icon: "tills", name: "Tills", kind: "Page", go: () => void navigate({ to: "/tills" }) },
      { icon: "devices", name: "Devices", kind: "Page", go: () => void navigate({ to: "/devices" }) },
      { icon: "rules", name: "Rules", kind: "Page", go: () => void navigate({ to: "/rules" }) },
      { icon: "plus", name: "Add a camera", kind: "Page", go: () => void navigate({ to: "/cameras/new" }) },
      {
        icon: "account",
        name: "Account and API tokens",
        kind: "Page",
        go: () => void navigate({ to: "/account" }),
      },
      { icon: "account", name: "People and roles", kind: "Page", go: () => void navigate({ to: "/people" }) },
    ];
    const views = cameras.flatMap<Place>(({ id, name }) => [
      { icon: "live", name, kind: "Watch", go: () => void navigate({ to: "/live", search: { camera: id } }) },
      {
        icon: "zone",
        name,
        kind: "Zones and settings",
        go: () => void navigate({ to: "/cameras/$cameraId", params: { cameraId: id } }),
      },
    ]);
    const ways = doors.map<Place>(({ id, name }) => ({
      icon: "doors",
      name,
      kind: "Door",
      go: () => void navigate({ to: "/doors/$doorId", params: { doorId: id } }),
    }));
    return [...pages, ...views, ...ways];
  }, [cameras, doors, navigate]);
}

export function Palette({ opened, close }: { opened: boolean; close: () => void }) {
  return (
    <Modal
      opened={opened}
      onClose={close}
      withCloseButton={false}
      padding={0}
      size="md"
      attributes={{ content: { "aria-label": "Go to" } }}
      yOffset="12vh"
      centered={false}
    >
      {opened && <PaletteBody close={close} />}
    </Modal>
  );
}

function PaletteBody({ close }: { close: () => void }) {
  const places = usePlaces(true);
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState(0);
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = places.filter((p) => words.every((w) => `${p.name} ${p.kind}`.toLowerCase().includes(w)));
  const current = Math.min(chosen, found.length - 1);

  const visit = (place: Place | undefined) => {
    if (!place) return;
    close();
    place.go();
  };
  const pressed = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      setChosen((current + step + found.length) % Math.max(1, found.length));
    } else if (event.key === "Enter") {
      event.preventDefault();
      visit(found[current]);
    }
  };
  useEffect(() => {
    document.getElementById(`place-${current}`)?.scrollIntoView({ block: "nearest" });
  }, [current]);

  return (
    <>
      <TextInput
        data-autofocus
        size="md"
        variant="unstyled"
        className={classes.paletteField}
        leftSection={<Icon name="search" size={18} />}
        placeholder="Go to a page or a camera"
        aria-label="Go to a page or a camera"
        role="combobox"
        aria-expanded="true"
        aria-controls="places"
        aria-activedescendant={current >= 0 ? `place-${current}` : undefined}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setChosen(0);
        }}
        onKeyDown={pressed}
      />
      <div id="places" role="listbox" aria-label="Places" className={classes.places}>
        {found.map((place, i) => (
          <div
            key={`${place.kind}-${place.name}-${i.toString()}`}
            id={`place-${i}`}
            role="option"
            tabIndex={-1}
            aria-selected={i === current}
            onClick={() => visit(place)}
            onKeyDown={pressed}
            onMouseMove={() => setChosen(i)}
          >
            <Icon name={place.icon} size={17} />
            <span>{place.name}</span>
            <small>{place.kind}</small>
          </div>
        ))}
        {found.length === 0 && <p>Nothing here is called that.</p>}
      </div>
    </>
  );
}
