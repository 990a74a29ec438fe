package audit

import (
	"context"
	"fmt"

	"yanlu/internal/member"
)

// Filter narrows a list; what is empty does not.
type Filter struct{ PersonID, Action, SubjectID string }

// Line is an entry with the names that people know, as they are today.
type Line struct {
	Entry
	PersonName string // empty at the terminal
	ForName    string // of ActedFor, where it is a person or a unit
}

// List returns up to limit entries of the actor's institution, the newest first,
// older than the entry before (empty: from the newest on).
func (s *Service) List(ctx context.Context, a member.Actor, f Filter, before string, limit int) ([]Line, error) {
	q := s.db.Gorm(ctx).Table("audit_entries AS e").
		Select(`e.*, COALESCE(p.name, '') AS person_name, COALESCE(o.name, u.name, '') AS for_name`).
		Joins("LEFT JOIN people p ON p.institution_id = e.institution_id AND p.id = e.person_id").
		Joins("LEFT JOIN people o ON o.institution_id = e.institution_id AND o.id = e.acted_for").
		Joins("LEFT JOIN units u ON u.institution_id = e.institution_id AND u.id = e.acted_for").
		Where("e.institution_id = ?", a.InstitutionID)
	for _, c := range []struct{ column, value string }{{"e.person_id", f.PersonID}, {"e.action", f.Action}, {"e.subject_id", f.SubjectID}} {
		if c.value != "" {
			q = q.Where(c.column+" = ?", c.value)
		}
	}
	if before != "" {
		q = q.Where("e.id < ?", before)
	}
	var lines []Line
	if err := q.Order("e.id DESC").Limit(limit).Scan(&lines).Error; err != nil {
		return nil, fmt.Errorf("list the audit: %w", err)
	}
	return lines, nil
}
