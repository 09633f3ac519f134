#!/bin/sh
# Install MediAssist without a network: ./install.sh [FOLDER]
here="$(cd "$(dirname "$0")" && pwd)"
python="$(command -v python3.11 || command -v python3)" || {
  echo "Python 3.11 was not found." >&2
  exit 1
}
exec "$python" "$here/install.py" "$@"
