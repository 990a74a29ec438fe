package api_test

import (
	"yanlu/internal/app/apptest"
	"yanlu/internal/handling"
	"yanlu/internal/institution"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// aboveOf is an institution over another, with somebody of its office, a leader, and
// a unit with its handler.
type aboveOf struct {
	w                      *apptest.World
	institution            institution.Institution
	unit                   institution.Unit
	staff, leader, handler member.Actor
}

func putAbove(w *apptest.World, lowerID, name string, level institution.Level) aboveOf {
	w.T.Helper()
	a, now := aboveOf{w: w}, w.Clock.Now()
	w.Write(func(tx *store.Tx) error {
		a.institution = institution.Add(tx, now, name, level, institution.SmallOffice, nil)
		a.unit = institution.AddUnit(tx, now, a.institution.ID, name+"交通局", institution.HandlingUnit)
		tx.Exec("UPDATE institutions SET parent_id = ? WHERE id = ?", a.institution.ID, lowerID)
		for _, p := range []struct {
			to   *member.Actor
			role member.Role
			unit string
		}{{&a.staff, member.InfoStaff, ""}, {&a.leader, member.Leader, ""}, {&a.handler, member.UnitHandler, a.unit.ID}} {
			x, err := w.People.Add(tx, now, member.NewPerson{InstitutionID: a.institution.ID, Name: name + string(p.role)})
			if err != nil {
				return err
			}
			member.Appoint(tx, now, x, p.role, p.unit)
			*p.to = member.Actor{
				PersonID: x.ID, Name: x.Name, InstitutionID: a.institution.ID, Profile: institution.SmallOffice, Held: []member.Held{{Role: p.role, UnitID: p.unit}},
			}
		}
		return nil
	})
	return a
}

// does takes an action on a matter of this institution.
func (a aboveOf) does(by member.Actor, id, action string, input func(workflow.Seen) workflow.Input) {
	a.w.T.Helper()
	var x matter.Matter
	if err := a.w.DB.Gorm(a.w.T.Context()).Where("id = ?", id).First(&x).Error; err != nil {
		a.w.T.Fatal(err)
	}
	a.w.Write(func(tx *store.Tx) error {
		_, _, err := a.w.Matters.Act(a.w.T.Context(), tx, by, x.Kind, id, action, input(workflow.Seen{Version: x.Version}))
		return err
	})
}

// answers lets the unit of this institution sign for a proposal and answer it by a
// letter, and the office pass that.
func (a aboveOf) answers(id string, in handling.LetterInput) {
	a.w.T.Helper()
	step := func(by member.Actor, action string, input func(workflow.Seen) workflow.Input) {
		a.w.T.Helper()
		var x handling.Assignment
		if err := a.w.DB.Gorm(a.w.T.Context()).Where("matter_id = ?", id).Order("id DESC").First(&x).Error; err != nil {
			a.w.T.Fatal(err)
		}
		a.w.Write(func(tx *store.Tx) error {
			_, err := a.w.Handling.Act(a.w.T.Context(), tx, by, x.ID, action, input(workflow.Seen{Version: x.Version}))
			return err
		})
	}
	step(a.handler, "sign_for", func(v workflow.Seen) workflow.Input {
		return handling.SignForInput{Seen: v, HandlerName: "马经办", HandlerPhone: "0991-5550101"}
	})
	in.Outcome, in.ContactName, in.ContactPhone, in.Way, in.Signer = "A", "马经办", "0991-5550101", handling.None, "马建设"
	step(a.handler, "reply_by_letter", func(v workflow.Seen) workflow.Input {
		in.Seen = v
		return in
	})
	step(a.staff, "pass", func(v workflow.Seen) workflow.Input { return handling.PassInput{Seen: v} })
}

// upperOf is what a matter became in the institution above, the newest time.
func upperOf(w *apptest.World, id string) string {
	w.T.Helper()
	ids := uppersOf(w, id)
	if len(ids) == 0 {
		w.T.Fatalf("%s became nothing above", id)
	}
	return ids[len(ids)-1]
}

// uppersOf lists what a matter became in institutions above.
func uppersOf(w *apptest.World, id string) []string {
	w.T.Helper()
	var ids []string
	err := w.DB.Gorm(w.T.Context()).Raw("SELECT CAST(upper_id AS TEXT) FROM handups WHERE matter_id = ? AND upper_id IS NOT NULL ORDER BY id", id).Scan(&ids).Error
	if err != nil {
		w.T.Fatal(err)
	}
	return ids
}

// takeDown takes down all that comes back from above.
func takeDown(w *apptest.World) {
	w.T.Helper()
	for more := true; more; {
		var err error
		if more, err = w.Matters.Feedback(w.T.Context()); err != nil {
			w.T.Fatal(err)
		}
	}
}
