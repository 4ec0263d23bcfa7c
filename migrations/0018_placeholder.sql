select 1; -- placeholder of another stream
