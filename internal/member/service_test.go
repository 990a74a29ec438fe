package member_test

import (
	"net/http"
	"testing"
	"time"

	"yanlu/internal/app/apptest"
	"yanlu/internal/calendar"
	"yanlu/internal/member"
	"yanlu/internal/store"
)

// TestAnAppointmentHoldsFromItsFirstDayToItsLast holds both days included, by
// the calendar of Beijing, from the next request on.
func TestAnAppointmentHoldsFromItsFirstDayToItsLast(t *testing.T) {
	t.Parallel()
	today := calendar.Of(apptest.Start)
	tests := map[string]struct {
		begins, ends calendar.Day
		status       int
	}{
		"it begins today":             {today, calendar.Day{}, http.StatusOK},
		"it begins tomorrow":          {today.Add(1), calendar.Day{}, http.StatusForbidden},
		"it ends today":               {today.Add(-10), today, http.StatusOK},
		"it ended yesterday":          {today.Add(-10), today.Add(-1), http.StatusForbidden},
		"it has neither end nor past": {today.Add(-1000), calendar.Day{}, http.StatusOK},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := apptest.New(t)
			w.Write(func(tx *store.Tx) error {
				tx.Exec("DELETE FROM appointments WHERE person_id = ?", w.Person(apptest.Admin).ID)
				tx.Insert(&member.Appointment{
					ID: store.NewID(), InstitutionID: w.County.ID, PersonID: w.Person(apptest.Admin).ID, Role: member.PlatformAdmin,
					Begins: test.begins, Ends: test.ends, CreatedAt: w.Clock.Now(),
				})
				return nil
			})
			w.Get(apptest.Admin, "/v1/people").Want(t, test.status)
		})
	}
}

// TestAnAppointmentEndsAtMidnightInBeijing holds that no session outlives it.
func TestAnAppointmentEndsAtMidnightInBeijing(t *testing.T) {
	t.Parallel()
	w := apptest.New(t) // it is ten in the morning in Beijing
	w.Write(func(tx *store.Tx) error {
		tx.Exec("UPDATE appointments SET ends = begins WHERE person_id = ?", w.Person(apptest.Admin).ID)
		return nil
	})
	w.Get(apptest.Admin, "/v1/people").Want(t, http.StatusOK)
	w.Clock.Advance(14*time.Hour - time.Minute)
	w.Get(apptest.Admin, "/v1/people").Want(t, http.StatusOK)
	w.Clock.Advance(time.Minute)
	w.Get(apptest.Admin, "/v1/people").Want(t, http.StatusForbidden)
}

// TestANumberIsSealedInItsRow holds that a sealed number moved to another row
// is not read there, and that the answer shows no cause.
func TestANumberIsSealedInItsRow(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	w.Write(func(tx *store.Tx) error {
		tx.Exec("UPDATE people SET phone_sealed = (SELECT phone_sealed FROM people WHERE id = ?) WHERE id = ?",
			w.Person(apptest.Author).ID, w.Person(apptest.CoAuthor).ID)
		return nil
	})
	a := w.Get(apptest.Admin, "/v1/people/"+w.Person(apptest.CoAuthor).ID)
	if a.Want(t, http.StatusInternalServerError).Code() != "internal" {
		t.Errorf("code %s", a.Code())
	}
	w.Get(apptest.Admin, "/v1/people/"+w.Person(apptest.Author).ID).Want(t, http.StatusOK)
}
