import sys

from ews_client.command import main

sys.exit(main())
