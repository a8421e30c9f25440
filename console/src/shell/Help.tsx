import { Modal, Switch } from "@mantine/core";
import { Kbd } from "../ui/marks";
import { SHORTCUTS, setSingleKeys, useSingleKeys } from "./keys";
import classes from "./shell.module.css";

export function Help({ opened, close }: { opened: boolean; close: () => void }) {
  const single = useSingleKeys();
  return (
    <Modal opened={opened} onClose={close} title="Keys" size="xl">
      <div className={classes.sheet}>
        {SHORTCUTS.map(({ place, shortcuts }) => (
          <section key={place}>
            <h3>{place}</h3>
            <dl>
              {shortcuts.map(({ keys, does }) => (
                <div key={does}>
                  <dt>
                    {keys.map((key) => (
                      <Kbd key={key}>{key}</Kbd>
                    ))}
                  </dt>
                  <dd>{does}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <Switch
        mt="md"
        checked={single}
        onChange={(event) => setSingleKeys(event.currentTarget.checked)}
        label="Single letters act as shortcuts"
        description="Switch this off when speech input or a reader's own keys get in the way."
      />
    </Modal>
  );
}
