package config

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"
)

// Load returns the settings for mode: its defaults, changed by the YAML file at
// path, changed by the names in environ that begin with YANLU_. Where path is
// empty, YANLU_CONFIG names the file; where that is empty too, none is read.
// Environ has the form of os.Environ. A secret may be given by a file, named by
// its name with _FILE added (YANLU_WECHAT_SECRET_FILE).
//
// The error holds one line for each key that is wrong, and no secret. Then the
// Config must not be used.
func Load(path string, environ []string, mode Mode) (Config, error) {
	c := Default(Serve) // what the demo adds comes last, when it is known what was set
	if mode != Demo && mode != Serve {
		return c, fmt.Errorf("config: unknown mode %d", mode)
	}
	p := &problems{from: map[string]string{}}
	fields := c.fields()
	env := readEnvironment(environ, fields, p)
	if path == "" {
		path = env.path
	}
	k := koanf.New(".")
	if path != "" {
		if err := k.Load(file.Provider(path), parser{}); err != nil {
			p.add("config file "+path, "%w", err)
			return c, p.err() // what the file would have set is not missing
		}
		findUnknown(k.Raw(), "", fields, p)
	}
	for key := range env.values {
		k.Delete(key) // replace maps, where koanf would merge them
	}
	if err := k.Load(confmap.Provider(env.values, k.Delim()), nil); err != nil {
		return c, errors.Join(p.err(), fmt.Errorf("config: environment: %w", err))
	}
	for _, f := range fields {
		if k.Exists(f.key) {
			f.decode(k.Get(f.key), p)
		}
	}
	if mode == Demo {
		c.refuseRealWeChat(p)
		c.completeDemo()
	}
	c.validate(p)
	if mode == Serve {
		c.validateServe(p)
	}
	return c, p.err()
}

// findUnknown reports every key of a file that no field has. A section without
// content is taken for one whose keys are all commented out.
func findUnknown(section map[string]any, path string, fields []field, p *problems) {
	for _, name := range slices.Sorted(maps.Keys(section)) {
		key := path + name
		isField := slices.ContainsFunc(fields, func(f field) bool { return f.key == key })
		isSection := slices.ContainsFunc(fields, func(f field) bool { return strings.HasPrefix(f.key, key+".") })
		inner, isMap := section[name].(map[string]any)
		switch {
		case strings.Contains(name, ".") || !isField && !isSection:
			p.add(key, "is not a setting of this program")
		case isSection && isMap:
			findUnknown(inner, key+".", fields, p)
		case isSection && section[name] != nil:
			p.add(key, "must be a section with keys of its own, not %s", kindOf(section[name]))
		}
	}
}
