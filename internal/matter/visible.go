package matter

import (
	"slices"
	"strconv"
	"strings"

	"yanlu/internal/member"
	"yanlu/internal/safety"
)

// Sight is a reason to see matters: a query for their identifiers, with its
// arguments. An empty query is no reason. Its cost is for the matters of the
// actor, not for those of the table.
type Sight func(a member.Actor) (query string, args []any)

// AddSight adds a reason to see matters, for packages above this one.
func (s *Service) AddSight(sight Sight) { s.sights = append(s.sights, sight) }

// overseers see every matter of their institution that is handed in.
var overseers = []member.Role{member.InfoStaff, member.ProposalStaff, member.ProposalChair, member.Leader}

// Oversees reports whether the actor sees every matter of the institution: the
// office and the leaders.
func Oversees(a member.Actor) bool { return a.IsAny(overseers...) }

// authorSees lets authors see what is theirs: also who was asked to be one, but
// not before it is handed in.
func authorSees(a member.Actor) (string, []any) {
	return "SELECT matter_id FROM authors WHERE person_id = ? AND consent IN ('GIVEN', 'ASKED')", []any{a.PersonID}
}

// liaisonSees lets a liaison see what they handed in for others.
func liaisonSees(a member.Actor) (string, []any) {
	if !a.Is(member.Liaison) {
		return "", nil
	}
	return "SELECT matter_id FROM authors WHERE on_behalf_by = ?", []any{a.PersonID}
}

// authored is the query for what an actor wrote, or handed in for others.
func authored(a member.Actor) (string, []any) {
	query, args := authorSees(a)
	if others, more := liaisonSees(a); others != "" {
		query, args = query+" UNION ALL "+others, append(args, more...)
	}
	return query, args
}

// leadingSees lets whoever leads the handling (领办) see it.
func leadingSees(a member.Actor) (string, []any) {
	query, args := "SELECT id FROM matters WHERE led_by = ?", []any{a.PersonID}
	if units := a.Units(); len(units) > 0 {
		query, args = query+" UNION ALL SELECT id FROM matters WHERE led_by_unit IN ?", append(args, units)
	}
	return query, args
}

// public is the condition for what every member of the institution sees.
const public = "matters.visibility = 'MEMBERS' AND matters.status <> 'DRAFT' AND " + safety.NotHeld

// own is the query for what an actor sees for one of the reasons.
func (s *Service) own(a member.Actor) (string, []any) {
	var reasons []string
	var args []any
	for _, sight := range s.sights {
		if reason, more := sight(a); reason != "" {
			reasons, args = append(reasons, reason), append(args, more...)
		}
	}
	return strings.Join(reasons, " UNION ALL "), args
}

// Visible is the one condition, on the table matters, for what an actor may
// see. Lists, reads and moves all use it, so that they agree. Who sees a matter
// sees also what was merged into it.
func (s *Service) Visible(a member.Actor) (string, []any) {
	args := []any{a.InstitutionID}
	shut := s.shut(a)
	if Oversees(a) && len(shut) == 0 {
		own, more := authorSees(a)
		return "matters.institution_id = ? AND (matters.status <> 'DRAFT' OR matters.id IN (" + own + "))", append(args, more...)
	}
	own, more := s.own(a)
	where := "matters.institution_id = ? AND (matters.id IN (" + own + ") OR matters.merged_into IN (" + own + ")"
	args = append(append(args, more...), more...)
	for _, part := range s.byRole(a, shut) {
		where, args = where+" OR "+part.where, append(args, part.args...)
	}
	return where + ")", args
}

// condition is one on the table matters, with its arguments.
type condition struct {
	where string
	args  []any
}

// byRole are the conditions for what an actor sees for a role, of whom something
// is closed that they oversee, or who oversees nothing.
func (s *Service) byRole(a member.Actor, shut []Head) []condition {
	var parts []condition
	closed, args := closedTo(shut)
	switch {
	case Oversees(a):
		parts = append(parts, condition{"matters.status <> 'DRAFT' AND NOT (" + closed + ")", args})
	case a.Is(member.Member):
		p := condition{where: public}
		if closed, args := closedTo(s.Heads()); closed != "" {
			p.where, p.args = p.where+" AND NOT ("+closed+")", args
		}
		parts = append(parts, p)
	}
	if Oversees(a) {
		return parts
	}
	for _, h := range s.Heads() {
		if h.Reach.of(a) == theirs {
			continue
		}
		p := condition{"matters.kind = ? AND matters.status <> 'DRAFT'", []any{h.Kind}}
		if closed, args := closedTo([]Head{h}); closed != "" && h.Reach.of(a) == opened {
			p.where, p.args = p.where+" AND NOT ("+closed+")", append(p.args, args...)
		}
		parts = append(parts, p)
	}
	return parts
}

// listed is a query for the identifiers, newest first and up to the limit, of the
// matters that an actor sees and a filter wants. It is Visible in parts, each of
// which costs what the actor has, or ends at the limit.
func (s *Service) listed(a member.Actor, f Filter) (string, []any) {
	if !f.Part.all() {
		return s.listedOf(a, f)
	}
	const newest = " ORDER BY matters.id DESC LIMIT ?"
	h := s.heads[f.Kind]
	wanted, args := f.where()
	where, each := "matters.institution_id = ? AND "+wanted, append([]any{a.InstitutionID}, args...)
	if f.Mine {
		own, more := authored(a)
		return "SELECT matters.id FROM matters WHERE matters.id IN (" + own + ") AND " + where + newest, slices.Concat(more, each, []any{f.Limit})
	}
	if Oversees(a) && h.Reach.of(a) == handsIn {
		own, more := authorSees(a)
		return "SELECT matters.id FROM matters WHERE " + where + " AND (matters.status <> 'DRAFT' OR matters.id IN (" + own + "))" + newest,
			slices.Concat(each, more, []any{f.Limit})
	}
	own, more := s.own(a)
	parts := []string{
		"SELECT matters.id FROM matters WHERE matters.id IN (" + own + ") AND " + where,
		"SELECT matters.id FROM matters WHERE matters.merged_into IN (" + own + ") AND " + where,
	}
	all := slices.Concat(more, each, more, each)
	add := func(condition string, args ...any) {
		parts = append(parts, "SELECT * FROM (SELECT matters.id FROM matters WHERE "+where+" AND "+condition+newest+") AS shown"+strconv.Itoa(len(parts)))
		all = slices.Concat(all, each, args, []any{f.Limit})
	}
	closed, hidden := closedTo([]Head{h})
	open := ""
	if closed != "" {
		open = " AND NOT (" + closed + ")"
	}
	if a.Is(member.Member) {
		add(public+open, hidden...)
	}
	switch h.Reach.of(a) {
	case handsIn:
		add("matters.status <> 'DRAFT'")
	case opened: // by the states that are not closed, so that what is closed need not be passed over
		for _, state := range h.Flow.States {
			if state.Name != Draft && !slices.Contains(h.Reach.Closed, state.Name) && (f.Status == "" || f.Status == state.Name) {
				add("matters.status = ?"+open, slices.Concat([]any{state.Name}, hidden)...)
			}
		}
	case theirs:
	}
	return "SELECT id FROM (" + strings.Join(parts, " UNION ") + ") AS seen ORDER BY id DESC LIMIT ?", append(all, f.Limit)
}
