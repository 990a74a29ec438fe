package member

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"yanlu/internal/calendar"
	"yanlu/internal/institution"
	"yanlu/internal/store"
)

// Actors makes actors of roster rows of an institution, with the appointments
// that they hold on a day: for what is done in somebody's name, on paper or as a
// co-author. Who was suspended before that day holds none. They come in the
// order of ids. A row that the institution does not have is ErrNotFound.
func Actors(ctx context.Context, c store.Conn, institutionID string, ids []string, day calendar.Day) ([]Actor, error) {
	if slices.ContainsFunc(ids, func(id string) bool { return !store.IsID(id) }) {
		return nil, ErrNotFound
	}
	var people []struct {
		Person
		Profile institution.Profile
		Ordinal *int
	}
	err := c.Gorm(ctx).Raw(`SELECT people.*, i.profile, t.ordinal FROM people
		JOIN institutions i ON i.id = people.institution_id
		LEFT JOIN terms t ON t.id = COALESCE((SELECT x.term_id FROM appointments x WHERE x.person_id = people.id AND x.role = ?
			AND x.begins <= ? AND (x.ends IS NULL OR x.ends >= ?) ORDER BY x.begins DESC LIMIT 1), people.term_id)
		WHERE people.institution_id = ? AND people.id IN ?`, Member, day, day, institutionID, ids).Scan(&people).Error
	if err != nil {
		return nil, fmt.Errorf("find actors: %w", err)
	}
	held, err := gorm.G[Appointment](c.Gorm(ctx)).
		Where("person_id IN ? AND institution_id = ? AND begins <= ? AND (ends IS NULL OR ends >= ?)", ids, institutionID, day, day).
		Order("id").Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("find the appointments of actors: %w", err)
	}
	by := map[string]Actor{}
	for _, p := range people {
		a := Actor{
			PersonID: p.ID, Name: p.Name, Sector: p.Sector, GroupName: p.GroupName, InstitutionID: p.InstitutionID, Profile: p.Profile,
			Suspended: p.SuspendedAt != nil && calendar.Of(*p.SuspendedAt).Before(day),
		}
		if p.Ordinal != nil {
			a.Term = *p.Ordinal
		}
		for _, h := range held {
			if h.PersonID == p.ID && !a.Suspended {
				x := Held{Role: h.Role}
				if h.UnitID != nil {
					x.UnitID = *h.UnitID
				}
				a.Held = append(a.Held, x)
			}
		}
		by[p.ID] = a
	}
	actors := make([]Actor, len(ids))
	for i, id := range ids {
		a, ok := by[id]
		if !ok {
			return nil, ErrNotFound
		}
		actors[i] = a
	}
	return actors, nil
}
