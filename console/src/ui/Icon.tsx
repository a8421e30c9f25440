/** The console's own signs: 20 px grid, 1.5 px strokes. */

const SHAPES = {
  live: "M3 7V4h3M14 4h3v3M17 13v3h-3M6 16H3v-3M10 8a2 2 0 1 0 0 4 2 2 0 0 0 0-4Z",
  incidents: "M10 3.5 17.5 16h-15L10 3.5ZM10 8.5v3.5M10 14v.2",
  events: "M3 5h2M3 10h2M3 15h2M8 5h9M8 10h9M8 15h6",
  cameras: "M3 6.5h10v7H3zM13 9l4-2.5v7L13 11M6 16.5h4",
  map: "M3 5.5l5-2 4 2 5-2v11l-5 2-4-2-5 2zM8 3.5v11M12 5.5v11",
  doors: "M5 17V3.5h9V17M3 17h14M11.500 10v.5",
  holders:
    "M4 5h12v12H4zM8 3h4M10 8a1.700 1.700 0 1 0 0 3.400 1.700 1.700 0 0 0 0-3.400ZM7 14.500c.4-1.200 1.600-1.800 3-1.800s2.600.6 3 1.800",
  tills: "M4 9.500h12v7H4zM6 9.500V4h5v5.500M4 13h12M13.500 7v2.500",
  devices:
    "M6.500 6.500h7v7h-7zM8.500 3.500v3M11.500 3.500v3M8.500 13.500v3M11.500 13.500v3M3.500 8.500h3M3.500 11.500h3M13.500 8.500h3M13.500 11.500h3",
  rules: "M4 5h5M4 10h5M4 15h5M12 5l1.300 1.300 3-2.800M12 10l1.300 1.300 3-2.800M12 15l1.300 1.300 3-2.800",
  more: "M5 10v.2M10 10v.2M15 10v.2",
  account: "M10 3.5a3 3 0 1 0 0 6 3 3 0 0 0 0-6ZM4 16.5c.6-3 3-4.5 6-4.5s5.4 1.5 6 4.5",
  grid: "M3.5 3.5h5.5V9H3.5zM11 3.5h5.5V9H11zM3.5 11h5.5v5.5H3.5zM11 11h5.5v5.5H11z",
  focus: "M3 3.5h9.5v13H3zM14.5 3.5H17v3.5h-2.5zM14.5 8.5H17V12h-2.5zM14.5 13.5H17v3h-2.5z",
  zone: "M4 6.5 11 3l6 6-3.5 7.5L5 15zM4 6.5v.01M11 3v.01",
  box: "M3.5 7V3.5H7M13 3.5h3.5V7M16.5 13v3.5H13M7 16.5H3.5V13",
  line: "M4 15.5 16 4.5M9 6l2.5 2.7M12.5 11.5l2-1.5-.3 2.8",
  behaviour:
    "M4 16.500c0-4 2-5 4-5s3-1.500 3-4.500M11 7l-2.500 1.500M11 7l2 2.200M14.500 3.500a1.500 1.500 0 1 0 0 3 1.500 1.500 0 0 0 0-3ZM13 16.500h4",
  help: "M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14ZM8 8a2 2 0 1 1 2.6 1.900c-.4.2-.6.5-.6 1v.6M10 13.7v.2",
  search: "M9 4a5 5 0 1 0 0 10A5 5 0 0 0 9 4ZM12.7 12.7 16.5 16.5",
  close: "M5 5l10 10M15 5 5 15",
  plus: "M10 4v12M4 10h12",
  check: "M4 10.5 8 14.5 16 5.5",
  back: "M12 4.5 6.5 10l5.5 5.5",
  next: "M8 4.5 13.5 10 8 15.5",
  pause: "M7 4.5v11M13 4.5v11",
  play: "M6.5 4.5v11l9-5.5z",
  copy: "M7 7h9.5v9.5H7zM4 13H3.5V3.5H13V4",
  trash: "M4 5.5h12M8 5.5v-2h4v2M5.5 5.5l.7 11h7.6l.7-11M8.5 8.5v5M11.5 8.5v5",
  undo: "M7 4 3.5 7.5 7 11M3.5 7.5H12a4 4 0 0 1 0 8H8",
  expand: "M12 3.5h4.5V8M8 16.5H3.5V12M16.5 3.5 11.5 8.5M3.5 16.5l5-5",
  out: "M8 3.5H3.5v13H8M8 10h8.5M13 6.5 16.5 10 13 13.5",
  key: "M7 8.5a3 3 0 1 0 0 6 3 3 0 0 0 0-6ZM9.2 9.3 16.5 3.5M13 6.3l2 2.4",
} as const;

export type IconName = keyof typeof SHAPES;

export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 20 20" fill="none" aria-hidden="true" focusable="false">
      <path
        d={SHAPES[name]}
        stroke="currentColor"
        strokeWidth="1.5"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}

/** The brand: a bracket around something seen. */
export function Mark({ size = 24 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" aria-hidden="true" focusable="false">
      <path
        d="M4 8.5V4h4.5M15.5 4H20v4.5M20 15.5V20h-4.5M8.5 20H4v-4.5"
        stroke="var(--signal)"
        strokeWidth="2"
      />
      <circle cx="12" cy="12" r="3" fill="var(--text)" />
    </svg>
  );
}
