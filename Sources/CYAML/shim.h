// libyaml as Debian ships it (libyaml-dev). Imported by Documents only.
#include <yaml.h>
