// Unpacks the Chromium of the npm registry, its fonts and the NSS libraries, into the folder for temporary files.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import chromium, { inflate } from "@sparticuz/chromium";

const package_folder = dirname(dirname(fileURLToPath(import.meta.resolve("@sparticuz/chromium"))));
chromium.setGraphicsMode = false;
await inflate(join(package_folder, "bin", "al2023.tar.br"));
await chromium.executablePath();
