package member

import (
	"context"
	"fmt"
	"slices"
	"unicode/utf8"

	"gorm.io/gorm"

	"yanlu/internal/calendar"
	"yanlu/internal/institution"
	"yanlu/internal/store"
)

// maxHolders bounds a list of holders: above the members of any one body.
const maxHolders = 3000

// OfRole returns the people who hold a role in an institution on a day and are
// not suspended. In a small office each of the staff holds every staff role.
func OfRole(ctx context.Context, c store.Conn, institutionID string, role Role, day calendar.Day) ([]string, error) {
	roles := []Role{role}
	if slices.Contains(staffRoles, role) || slices.Contains(helperRoles, role) {
		roles = append(roles, staffRoles...)
	}
	var people []string
	err := c.Gorm(ctx).Raw(`SELECT DISTINCT p.id FROM appointments a
		JOIN people p ON p.id = a.person_id
		JOIN institutions i ON i.id = a.institution_id
		WHERE a.institution_id = ? AND a.role IN ? AND (a.role = ? OR i.profile = ?) AND p.suspended_at IS NULL
			AND a.begins <= ? AND (a.ends IS NULL OR a.ends >= ?)
		ORDER BY p.id LIMIT ?`, institutionID, roles, role, institution.SmallOffice, day, day, maxHolders).Scan(&people).Error
	if err != nil {
		return nil, fmt.Errorf("find who holds a role: %w", err)
	}
	return people, nil
}

// OfUnits returns the people who handle for units of an institution, or lead
// them, on a day and are not suspended, by unit. A unit that has nobody is
// absent.
func OfUnits(ctx context.Context, c store.Conn, institutionID string, unitIDs []string, day calendar.Day) (map[string][]string, error) {
	var rows []struct{ ID, UnitID string }
	err := c.Gorm(ctx).Raw(`SELECT DISTINCT p.id, a.unit_id FROM appointments a
		JOIN people p ON p.id = a.person_id
		WHERE a.institution_id = ? AND a.unit_id IN ? AND a.role IN ? AND p.suspended_at IS NULL
			AND a.begins <= ? AND (a.ends IS NULL OR a.ends >= ?)
		ORDER BY a.unit_id, p.id LIMIT ?`, institutionID, unitIDs, unitRoles, day, day, maxHolders).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("find who handles for units: %w", err)
	}
	by := map[string][]string{}
	for _, r := range rows {
		by[r.UnitID] = append(by[r.UnitID], r.ID)
	}
	return by, nil
}

// Named is a person as others of the institution may choose them.
type Named struct {
	ID        string
	Name      string
	Position  string
	Sector    string
	GroupName string
}

// Holding lists, in the order of the roster, up to limit people who hold one of
// some roles in an institution on a day and are not suspended: those after an
// identifier, whose name begins with some characters (empty: all).
func Holding(ctx context.Context, c store.Conn, institutionID string, roles []Role, begins, after string, limit int, day calendar.Day) ([]Named, error) {
	query := `SELECT p.id, p.name, p.position, p.sector, p.group_name FROM people p
		WHERE p.institution_id = ? AND p.suspended_at IS NULL AND EXISTS (SELECT 1 FROM appointments a
			WHERE a.person_id = p.id AND a.role IN ? AND a.begins <= ? AND (a.ends IS NULL OR a.ends >= ?))`
	args := []any{institutionID, roles, day, day}
	if begins != "" {
		query, args = query+" AND SUBSTR(p.name, 1, ?) = ?", append(args, utf8.RuneCountInString(begins), begins)
	}
	if after != "" {
		query, args = query+" AND p.id > ?", append(args, after)
	}
	var people []Named
	if err := c.Gorm(ctx).Raw(query+" ORDER BY p.id LIMIT ?", append(args, limit)...).Scan(&people).Error; err != nil {
		return nil, fmt.Errorf("list who holds a role: %w", err)
	}
	return people, nil
}

// OfficeRoles lists the roles that staff hold.
func OfficeRoles() []Role { return slices.Clone(staffRoles) }

// ByName returns the people of an institution who have one of some names, by
// name: of one name there may be several, former members among them.
func ByName(ctx context.Context, c store.Conn, institutionID string, names []string) (map[string][]Person, error) {
	people, err := gorm.G[Person](c.Gorm(ctx)).Where("institution_id = ? AND name IN ?", institutionID, names).Order("id").Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("find people by name: %w", err)
	}
	by := make(map[string][]Person, len(names))
	for _, p := range people {
		by[p.Name] = append(by[p.Name], p)
	}
	return by, nil
}
