package config

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
)

const (
	envConfig  = prefix + "CONFIG" // path of the YAML file
	envTest    = prefix + "TEST_"  // for go test, not for the program
	fileSuffix = "_FILE"
	maxSecret  = 64 << 10 // bytes of a file that holds one secret
)

// environment is what the YANLU_ names of an environment say.
type environment struct {
	path   string         // of the YAML file, from YANLU_CONFIG
	values map[string]any // by key, as YAML would have given them
}

// readEnvironment reads the YANLU_ names in environ, a list of NAME=value as
// os.Environ returns it. A name that is set to nothing counts as a value.
func readEnvironment(environ []string, fields []field, p *problems) environment {
	set := map[string]string{}
	for _, entry := range environ {
		name, value, ok := strings.Cut(entry, "=")
		if ok && strings.HasPrefix(name, prefix) && !strings.HasPrefix(name, envTest) {
			set[name] = value
		}
	}
	e := environment{path: set[envConfig], values: map[string]any{}}
	delete(set, envConfig)
	for _, f := range fields {
		e.take(f, set, p)
	}
	left := make([]string, 0, len(set))
	for name := range set {
		left = append(left, name)
	}
	slices.Sort(left)
	for _, name := range left {
		p.add(name, "is not a setting of this program")
	}
	return e
}

// take moves the value of one field out of set.
func (e environment) take(f field, set map[string]string, p *problems) {
	name := f.env()
	text, given := set[name]
	delete(set, name)
	if f.confidential() {
		path, byFile := set[name+fileSuffix]
		delete(set, name+fileSuffix)
		if byFile && given {
			p.add(f.key, "is given twice, by %s and by %s", name, name+fileSuffix)
			return
		}
		if byFile {
			name, given = name+fileSuffix, true
			var err error
			if text, err = readSecret(path); err != nil {
				p.from[f.key] = name
				p.add(f.key, "%w", err)
				return
			}
		}
	}
	if !given {
		return
	}
	p.from[f.key] = name
	if value, err := fromText(f.target, text); err != nil {
		p.add(f.key, "%w", err)
	} else {
		e.values[f.key] = value
	}
}

// readSecret returns the content of a file without the line break at its end,
// which editors add.
func readSecret(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("cannot be read: %w", err)
	}
	content, err := io.ReadAll(io.LimitReader(file, maxSecret+1))
	if closing := file.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return "", fmt.Errorf("cannot be read: %w", err)
	}
	if len(content) > maxSecret {
		return "", fmt.Errorf("cannot be read: %s has more than %d bytes", path, maxSecret)
	}
	text := strings.TrimRight(string(content), "\r\n")
	if text == "" {
		return "", fmt.Errorf("cannot be read: %s is empty", path)
	}
	return text, nil
}

// fromText turns the text of a name in the environment into what YAML would
// have given for target, so that both are then read by the same rules.
func fromText(target any, text string) (any, error) {
	switch target.(type) {
	case *int, *int64:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("must be a whole number, not %q", text)
		}
		return int(n), nil
	case *[]string:
		list := []any{}
		for part := range strings.SplitSeq(text, ",") {
			if part = strings.TrimSpace(part); part != "" {
				list = append(list, part)
			}
		}
		return list, nil
	case *map[string]Template:
		return parser{}.Unmarshal([]byte(text))
	}
	return text, nil
}
