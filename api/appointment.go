package api

import (
	"context"
	"net/http"

	"yanlu/internal/fault"
	"yanlu/internal/member"
	"yanlu/internal/store"
)

// AppointmentFields are what of an appointment is changed.
type AppointmentFields struct {
	UnitID string `json:"unit_id,omitempty" format:"uuid" doc:"单位，仅经办人、单位负责人和专委会工作人员要填"`
	TermID string `json:"term_id,omitempty" format:"uuid" doc:"届次，仅委员可填；不填为任职之日所在的届"`
	Begins string `json:"begins,omitempty" format:"date" maxLength:"10" example:"2026-03-05" doc:"第一天，新任职不填为今天"`
	Ends   string `json:"ends,omitempty" format:"date" maxLength:"10" example:"2027-03-05" doc:"最后一天，不填为一直有效"`
}

func (f AppointmentFields) input(role member.Role) (member.AppointmentInput, error) {
	in := member.AppointmentInput{Role: role, UnitID: f.UnitID, TermID: f.TermID}
	var err error
	if in.Begins, err = dayOf(f.Begins, "body.begins"); err != nil {
		return in, err
	}
	in.Ends, err = dayOf(f.Ends, "body.ends")
	return in, err
}

type appointInput struct {
	KeyedID
	Body struct {
		AppointmentFields
		Role member.Role `json:"role" maxLength:"30" example:"INFO_STAFF" doc:"角色"`
	}
}

type changeAppointment struct {
	KeyedID
	Body struct {
		AppointmentFields
		Seen
	}
}

var appointFaults = []*fault.Fault{
	member.ErrRole, member.ErrMayNotGive, member.ErrUnitDue, member.ErrUnitNotDue, member.ErrUnitClosed, member.ErrNoCommittee, member.ErrTermNotDue, member.ErrNoTerm,
	member.ErrAppointmentDates, member.ErrOverlap,
}

func (a *API) appointmentRoutes() {
	with := func(id, path, summary string, faults ...*fault.Fault) operation {
		return operation{
			id: id, method: http.MethodPost, path: path, summary: summary, tag: "名册", who: roles(member.MemberWorkStaff, member.PlatformAdmin), faults: faults,
		}
	}
	appoint := with("appointment.create", "/v1/people/{id}/appoint", "任职", append(appointFaults, member.ErrNotFound)...)
	appoint.status = http.StatusCreated
	act(a, appoint, func(ctx context.Context, in appointInput) error {
		_, err := a.people.Find(ctx, a.db, actorOf(ctx), in.ID)
		return err
	}, func(ctx context.Context, tx *store.Tx, in appointInput) (appointmentView, error) {
		fields, err := in.Body.input(in.Body.Role)
		if err != nil {
			return appointmentView{}, err
		}
		x, err := a.people.MakeAppointment(ctx, tx, actorOf(ctx), in.ID, fields, a.now())
		return viewAppointment(x), err
	})
	may := func(ctx context.Context, id string) error {
		_, err := member.FindAppointment(ctx, a.db, actorOf(ctx), id)
		return err
	}
	guarded := []*fault.Fault{member.ErrAppointmentNotFound, member.ErrAppointmentStale, member.ErrOwnAdministrator, member.ErrLastAdministrator}
	act(a, with("appointment.change", "/v1/appointments/{id}/change", "修改任职", append(guarded, appointFaults...)...),
		func(ctx context.Context, in changeAppointment) error { return may(ctx, in.ID) },
		func(ctx context.Context, tx *store.Tx, in changeAppointment) (appointmentView, error) {
			fields, err := in.Body.input("")
			if err != nil {
				return appointmentView{}, err
			}
			x, err := a.people.ChangeAppointment(ctx, tx, actorOf(ctx), in.ID, in.Body.Version, fields, a.now())
			return viewAppointment(x), err
		})
	act(a, with("appointment.end", "/v1/appointments/{id}/end", "结束任职", append(guarded, member.ErrMayNotGive, member.ErrAppointmentOver)...),
		func(ctx context.Context, in endInput) error { return may(ctx, in.ID) },
		func(ctx context.Context, tx *store.Tx, in endInput) (appointmentView, error) {
			day, err := dayOf(in.Body.Ends, "body.ends")
			if err != nil {
				return appointmentView{}, err
			}
			x, err := a.people.EndAppointment(ctx, tx, actorOf(ctx), in.ID, in.Body.Version, day, a.now())
			return viewAppointment(x), err
		})
}
