package api_test

func (y *countyYear) everybodyWasToldTheTruth() {}
func (y *countyYear) countTheYear()             {}
func (y *countyYear) nothingWaits()             {}
