import { createTheme, type MantineColorsTuple } from "@mantine/core";

const signal: MantineColorsTuple = [
  "#eaf7fe",
  "#cdebfb",
  "#a5dbf8",
  "#7dcdf6",
  "#5ec1f5",
  "#3fa9e0",
  "#2b8fc4",
  "#1f74a1",
  "#175a7e",
  "#0f3f59",
];

const alarm: MantineColorsTuple = [
  "#fff0ef",
  "#ffd9d6",
  "#ffb5b0",
  "#ff918a",
  "#ff736b",
  "#f2564d",
  "#d93d35",
  "#b22d26",
  "#8a211c",
  "#641512",
];

const graphite: MantineColorsTuple = [
  "#e9edf0",
  "#c7ced4",
  "#a9b3bc",
  "#8b96a0",
  "#323b43",
  "#272e35",
  "#171c20",
  "#0d1013",
  "#0a0c0e",
  "#07090a",
];

export const theme = createTheme({
  colors: { signal, alarm, dark: graphite },
  primaryColor: "signal",
  primaryShade: 4,
  autoContrast: true,
  luminanceThreshold: 0.3,
  defaultRadius: 4,
  fontFamily: "var(--font)",
  fontFamilyMonospace: "var(--mono)",
  fontSizes: { xs: "12px", sm: "13px", md: "14px", lg: "16px", xl: "20px" },
  headings: { fontFamily: "var(--font)", fontWeight: "600" },
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: "xs" } },
    InputWrapper: { defaultProps: { withAsterisk: false } },
    TextInput: { defaultProps: { size: "sm" } },
    PasswordInput: { defaultProps: { size: "sm" } },
    NumberInput: { defaultProps: { size: "sm" } },
    Textarea: { defaultProps: { size: "sm" } },
    Select: { defaultProps: { size: "sm", allowDeselect: false, comboboxProps: { shadow: "lg" } } },
    MultiSelect: { defaultProps: { size: "sm", comboboxProps: { shadow: "lg" } } },
    Modal: {
      defaultProps: {
        closeButtonProps: { "aria-label": "Close" },
        centered: true,
        overlayProps: { backgroundOpacity: 0.7 },
      },
    },
    Drawer: {
      defaultProps: {
        closeButtonProps: { "aria-label": "Close" },
        position: "right",
        overlayProps: { backgroundOpacity: 0.5 },
      },
    },
    Tooltip: { defaultProps: { openDelay: 400, withArrow: true, fz: 12 } },
  },
});
