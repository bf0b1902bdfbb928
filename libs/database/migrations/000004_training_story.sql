-- How a training went: its learning curve, and the trials of a search for hyperparameters.
alter table solution_version add column story jsonb;
