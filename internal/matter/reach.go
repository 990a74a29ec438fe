package matter

import (
	"slices"
	"strings"

	"yanlu/internal/member"
	"yanlu/internal/workflow"
)

// Reach is who of an institution sees the matters of a kind for their role. Its
// zero value is that of most kinds: the office and the leaders, all of them that
// are handed in.
type Reach struct {
	// Closed lists the states in which a matter is for its authors, who is asked to
	// be one, and To alone: neither for leaders and overseers, nor for all members.
	// What was merged is as closed as what it was merged into.
	Closed []workflow.Status
	To     []member.Role
	// Overseers see every matter of the kind that is not closed, as leaders do.
	Overseers []member.Role
}

// extent is how much of a kind somebody sees for their roles.
type extent int

const (
	theirs  extent = iota // what is theirs for another reason
	opened                // what is not closed as well
	handsIn               // whatever is handed in
)

func (r Reach) of(a member.Actor) extent {
	oversees := Oversees(a) || a.IsAny(r.Overseers...)
	switch {
	case oversees && (len(r.Closed) == 0 || a.IsAny(r.To...)):
		return handsIn
	case oversees:
		return opened
	default:
		return theirs
	}
}

// rootStatus is the state by which a row of matters is closed or not: its own, or
// that of what it was merged into.
const rootStatus = `CASE WHEN matters.merged_into IS NULL THEN matters.status ELSE
	(SELECT CASE WHEN t.merged_into IS NULL THEN t.status ELSE (SELECT u.status FROM matters u WHERE u.id = t.merged_into) END
		FROM matters t WHERE t.id = matters.merged_into) END`

// closedTo is the condition on the table matters, with its arguments, for what of
// some kinds is closed; empty where nothing is.
func closedTo(heads []Head) (condition string, args []any) {
	var each []string
	for _, h := range heads {
		if len(h.Reach.Closed) > 0 {
			each = append(each, "matters.kind = ? AND "+rootStatus+" IN ?")
			args = append(args, h.Kind, append(slices.Clone(h.Reach.Closed), Merged)) // what was merged thrice is not looked for
		}
	}
	return strings.Join(each, " OR "), args
}

// oversees reports whether an actor reads all of the matters of a kind that they
// see, for their role.
func (s *Service) oversees(a member.Actor, kind Kind) bool {
	return Oversees(a) || a.IsAny(s.heads[kind].Reach.Overseers...)
}

// shut lists the kinds of which something is closed to one who oversees matters.
func (s *Service) shut(a member.Actor) []Head {
	return slices.DeleteFunc(s.Heads(), func(h Head) bool { return h.Reach.of(a) != opened })
}
