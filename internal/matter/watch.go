package matter

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"yanlu/internal/account"
	"yanlu/internal/calendar"
	"yanlu/internal/institution"
	"yanlu/internal/member"
	"yanlu/internal/store"
)

// Watch looks after the deadlines: it reminds whoever has the work, and lists
// for the office who is late. Any number may run, in any number of servers.
type Watch struct{ s *Service }

// NewWatch returns a watch over the deadlines of s.
func NewWatch(s *Service) *Watch { return &Watch{s} }

func same(a, b *string) bool { return a == b || a != nil && b != nil && *a == *b }

// peopleOf finds for each holder its people who have a telephone bound.
func (w *Watch) peopleOf(ctx context.Context, c store.Conn, institutionID string, holders []string) (map[string][]string, error) {
	all, err := w.rosterOf(ctx, c, institutionID, holders)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, people := range all {
		ids = append(ids, people...)
	}
	bound, err := account.BoundSince(ctx, c, ids)
	if err != nil {
		return nil, err
	}
	for holder, people := range all {
		all[holder] = slices.DeleteFunc(people, func(id string) bool { return bound[id].IsZero() })
	}
	return all, nil
}

// rosterOf finds for each holder its people: in a small office each of the staff
// stands for all of them.
func (w *Watch) rosterOf(ctx context.Context, c store.Conn, institutionID string, holders []string) (map[string][]string, error) {
	all := map[string][]string{}
	var units []string
	var roles []member.Role
	slices.Sort(holders)
	for _, holder := range slices.Compact(holders) {
		switch kind, id, _ := strings.Cut(holder, ":"); kind {
		case "person":
			all[holder] = []string{id}
		case "unit":
			units = append(units, id)
		case "role":
			roles = append(roles, member.Role(id))
		}
	}
	var rows []struct {
		PersonID string
		Role     member.Role
		UnitID   *string
		Profile  institution.Profile
	}
	today := calendar.Of(w.s.now())
	err := c.Gorm(ctx).Raw(`SELECT a.person_id, a.role, a.unit_id, i.profile FROM appointments a
		JOIN people p ON p.id = a.person_id JOIN institutions i ON i.id = a.institution_id
		WHERE a.institution_id = ? AND p.suspended_at IS NULL AND a.begins <= ? AND (a.ends IS NULL OR a.ends >= ?)
			AND (a.unit_id IN ? OR a.unit_id IS NULL AND a.role <> ?) ORDER BY a.id LIMIT 3000`,
		institutionID, today, today, units, member.Member).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("find who holds the work: %w", err)
	}
	for _, r := range rows {
		if r.UnitID != nil {
			all[UnitHolder(*r.UnitID)] = append(all[UnitHolder(*r.UnitID)], r.PersonID)
			continue
		}
		as := member.Actor{Profile: r.Profile, Held: []member.Held{{Role: r.Role}}}
		for _, role := range roles {
			if as.Is(role) {
				all[RoleHolder(role)] = append(all[RoleHolder(role)], r.PersonID)
			}
		}
	}
	for holder := range all { // who holds two appointments is one person
		slices.Sort(all[holder])
		all[holder] = slices.Compact(all[holder])
	}
	return all, nil
}
