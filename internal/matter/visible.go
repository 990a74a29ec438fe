package matter

import (
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
	if Oversees(a) {
		own, more := authorSees(a)
		return "matters.institution_id = ? AND (matters.status <> 'DRAFT' OR matters.id IN (" + own + "))", append(args, more...)
	}
	own, more := s.own(a)
	condition := "matters.institution_id = ? AND (matters.id IN (" + own + ") OR matters.merged_into IN (" + own + ")"
	args = append(append(args, more...), more...)
	if a.Is(member.Member) {
		condition += " OR " + public
	}
	return condition + ")", args
}

// listed is a query for the identifiers, newest first and up to limit, of the
// matters that an actor sees and that meet a condition. It is Visible in parts,
// each of which costs what the actor has, or ends at the limit.
func (s *Service) listed(a member.Actor, condition string, args []any, limit int) (string, []any) {
	newest := " ORDER BY matters.id DESC LIMIT ?"
	if Oversees(a) {
		visible, more := s.Visible(a)
		return "SELECT matters.id FROM matters WHERE " + visible + " AND " + condition + newest, append(append(more, args...), limit)
	}
	own, more := s.own(a)
	where := "matters.institution_id = ? AND " + condition
	each := append([]any{a.InstitutionID}, args...)
	parts := []string{
		"SELECT matters.id FROM matters WHERE matters.id IN (" + own + ") AND " + where,
		"SELECT matters.id FROM matters WHERE matters.merged_into IN (" + own + ") AND " + where,
	}
	all := append(append(append(append([]any{}, more...), each...), more...), each...)
	if a.Is(member.Member) {
		parts = append(parts, "SELECT * FROM (SELECT matters.id FROM matters WHERE "+where+" AND "+public+newest+") AS shown")
		all = append(append(all, each...), limit)
	}
	return "SELECT id FROM (" + strings.Join(parts, " UNION ") + ") AS seen ORDER BY id DESC LIMIT ?", append(all, limit)
}
