package handling

import (
	"context"
	"encoding/json"
	"fmt"

	"yanlu/internal/fault"
	"yanlu/internal/institution"
	"yanlu/internal/matter"
)

// The faults of the units that are proposed, or named, for a matter.
var (
	ErrNoLead  = fault.New(fault.Invalid, "handling.no_lead", "选了会办单位，请把主办单位也选上。")
	ErrNoUnits = fault.New(fault.Invalid, "handling.no_units", "请选择主办单位：之前没有拟定，这里就必须填写。")
)

// Propose checks the units that are proposed for a matter when its kind takes it up,
// the lead first, and returns them as they are kept until it is dispatched; none
// where lead is empty. ErrNoLead tells of co-units without one, and see
// institution.FindUnits.
func Propose(ctx context.Context, m *matter.Move, lead string, co []string) (kept string, err error) {
	units := []string{}
	switch {
	case lead != "":
		units = append([]string{lead}, co...)
		if _, err := institution.FindUnits(ctx, m.Tx, m.Matter.InstitutionID, units); err != nil {
			return "", err
		}
	case len(co) > 0:
		return "", ErrNoLead
	}
	raw, err := json.Marshal(units)
	if err != nil {
		return "", fmt.Errorf("keep the proposed units: %w", err)
	}
	return string(raw), nil
}

// Proposed returns the units that Propose has kept, the lead first.
func Proposed(kept string) []string {
	units := []string{}
	_ = json.Unmarshal([]byte(kept), &units) // what Propose wrote
	return units
}

// orProposed lets the units stand that were proposed, where none are named. ErrNoLead
// tells of co-units without a lead unit, ErrNoUnits of none at all.
func (in DispatchInput) orProposed(proposed []string) (DispatchInput, error) {
	switch {
	case in.LeadUnitID != "":
	case len(in.CoUnitIDs) > 0:
		return in, ErrNoLead
	case len(proposed) == 0:
		return in, ErrNoUnits
	default:
		in.LeadUnitID, in.CoUnitIDs = proposed[0], proposed[1:]
	}
	return in, nil
}

// UseProposed completes the input of a dispatch with the units that were proposed,
// where it names none.
func UseProposed(m *matter.Move, proposed []string) (err error) {
	switch in := m.Input.(type) {
	case DispatchInput:
		m.Input, err = in.orProposed(proposed)
	case HandOverInput:
		in.DispatchInput, err = in.orProposed(proposed)
		m.Input = in
	}
	return err
}
