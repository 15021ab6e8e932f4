// The supervisor's pure modules on MicroPython's WebAssembly port: node on_wasm.mjs PORT FIRMWARE SCRIPT
// PORT is the port's module, FIRMWARE the folder of our packages; what SCRIPT prints is printed.
import { readFileSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";

const [port, firmware, script] = process.argv.slice(2);
const { loadMicroPython } = await import(pathToFileURL(port).href);
const python = await loadMicroPython({ heapsize: 264 * 1024, linebuffer: true, stdout: (line) => console.log(line) });
for (const folder of ["estation_mcu", "estation_wire"]) {
  python.FS.mkdir(`/${folder}`);
  for (const name of readdirSync(join(firmware, folder)).filter((each) => each.endsWith(".py"))) {
    python.FS.writeFile(`/${folder}/${name}`, readFileSync(join(firmware, folder, name)));
  }
}
python.FS.writeFile(`/${basename(script)}`, readFileSync(script));
try {
  python.runPython(
    `import sys; sys.path.insert(0, "/"); import ${basename(script, ".py")} as script; print(script.main())`,
  );
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
