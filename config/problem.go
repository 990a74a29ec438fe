package config

import (
	"errors"
	"fmt"
)

// problems collects what is wrong, one line for each key.
type problems struct {
	list []error
	seen map[string]bool   // keys that have a problem already
	from map[string]string // key -> name in the environment that set it
}

// add notes that key is wrong. Only the first problem of a key is kept, since
// the next often follows from it: what cannot be read is also "not set".
func (p *problems) add(key, format string, args ...any) {
	if p.seen[key] {
		return
	}
	if p.seen == nil {
		p.seen = map[string]bool{}
	}
	p.seen[key] = true
	origin := ""
	if name := p.from[key]; name != "" {
		origin = " (set by " + name + ")"
	}
	p.list = append(p.list, fmt.Errorf("%s%s: "+format, append([]any{key, origin}, args...)...))
}

// err returns all problems as one error of one line each, or nil.
func (p *problems) err() error { return errors.Join(p.list...) }
